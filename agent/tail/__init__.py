"""Bytes on disk, in files that grow, roll and vanish, to blocks of whole lines."""
