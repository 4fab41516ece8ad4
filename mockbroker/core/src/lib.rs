//! mockbroker/core
