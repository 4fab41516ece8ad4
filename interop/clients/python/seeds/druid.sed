# What druid.py needs to run against the mock.
# The address.
s/'b-1\.[^']*:9092'/__import__("os").environ["BOOTSTRAP"].split(",")/
