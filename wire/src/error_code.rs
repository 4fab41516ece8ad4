pub struct ErrorCode(pub i16);
