# What seed/main.go needs to be compiled and to find the mock.
# The address, and the CA of it: the library has a librdkafka of its own, which does not look for the system's.
s/"<bootstrap-brokers-tls>:9094",/os.Getenv("BOOTSTRAP"), "ssl.ca.location": os.Getenv("CA"),/
s/^    "fmt"$/    "fmt"\n    "os"/
# A variable that is not used is an error.
s/^    topic := "test-topic"$/    if err != nil { panic(err) }\n\n&/
# The consumer joins a group, which waits for groups.
s/^    p.Close()$/&\n    if os.Getenv("ONLY_PRODUCE") != "" { return }/
