# What pipeline.py needs to run against the mock.
# The address.
s/\['b-1\.[^']*:9092'\]/__import__("os").environ["BOOTSTRAP"].split(",")/
# kafka-python from 3 on has no such setting, and the class goes on without a producer.
/buffer_memory=/d
