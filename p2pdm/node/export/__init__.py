"""A chat taken out into one file: `chat` writes it in pieces, `page` is what people read, `look` how it looks.

The file is plain: whoever has it can read it. It grows beside its place and moves there whole.
"""
