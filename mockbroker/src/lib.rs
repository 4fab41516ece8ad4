//! mockbroker
