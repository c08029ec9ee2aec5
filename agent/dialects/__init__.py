"""A file for each library's debug text: blocks of whole lines in, events out."""
