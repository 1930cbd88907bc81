"""A result table in, a figure out.

Computes nothing, so a figure cannot disagree with its table. One module a figure, named
like the function it holds; ``render`` makes PNG, SVG or Markdown of any of them.
"""
