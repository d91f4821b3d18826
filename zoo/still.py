"""A notebook without a reader, such as `seqzoo run` has: its pictures stand still."""

STILL = "SEQZOO_STILL"  # set in its environment
