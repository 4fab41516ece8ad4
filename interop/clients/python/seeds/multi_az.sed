# What multi_az.py needs to run against the mock.
# It uses a module that it does not import.
1i import json
# The address.
s/'<bootstrap-brokers-tls>:9094'/__import__("os").environ["BOOTSTRAP"].split(",")/
# It would wait for further records for ever.
s/auto_offset_reset='earliest',/auto_offset_reset='earliest', consumer_timeout_ms=10_000,/
