"""What is whole in a damaged file: parsers that read bytes by grammar, without the libraries that refuse such files.

Everything here is pure: bytes in, records out. Sections quoted are those of the HDF5 File Format
Specification, version 3.0, unless another document is named.
"""
