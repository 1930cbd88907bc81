"""How an asset is declared, versioned and found stale; one way for all of them.

Nothing about genetics: only what every asset shares. Knows the lake and the study, never
a room that reads files or computes.
"""
