"""What exists and what it is made from: one module a group, checks beside their asset."""
