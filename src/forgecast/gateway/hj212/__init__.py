"""HJ 212-2017, the telegrams of Chinese emission monitors: read, written, received and sent."""
