//! What holds of clients of Kafka for Rust that stand in the process of a mock cluster; see `tests/`.
