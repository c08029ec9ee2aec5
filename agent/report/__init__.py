"""What `wmtls explain` found, told to people and programs: values in, text out."""
