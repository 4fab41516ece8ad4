# The program mockbroker, static and alone: nothing else is in the image.
#
#   docker build -t mockbroker .
#   docker run --rm -p 9092:9092 -p 8080:8080 mockbroker --port 9092 --topic orders:3 --control-port 8080
#
# What is bound inside is reached through -p alone; clients elsewhere than on this machine need --advertised-host too.
FROM rust:1.94-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
# On musl the C runtime is linked statically unless it is said otherwise; it is said all the same.
RUN RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked -p ottla-mockbroker --bin mockbroker

FROM scratch
COPY --from=build /src/target/release/mockbroker /mockbroker
EXPOSE 9092 8080
ENTRYPOINT ["/mockbroker", "--bind", "0.0.0.0", "--control-bind", "0.0.0.0"]
