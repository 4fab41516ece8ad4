# What multi_az.js needs to run against the mock.
# The address.
s/\['<bootstrap-brokers-tls>:9094'\]/process.env.BOOTSTRAP.split(',')/
# It waits at the top level, which only a function may where there is `require`.
s|^// Producer$|(async () => {\n&|
# The consumer joins a group, which waits for groups.
s|^// Consumer$|if (process.env.ONLY_PRODUCE) return;\n&|
$s|$|\n})();|
