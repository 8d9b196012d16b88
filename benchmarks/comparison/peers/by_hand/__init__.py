"""What an expert writes on the driver alone: the reference of all ratios.

`statements` is the SQL, `binding` and `decoding_*` what the driver leaves to do with values, `blocking` and `awaited` the work.
"""
