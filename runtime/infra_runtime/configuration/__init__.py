"""`infrastructure.config.yml`: the settings as typed values, and their way from a file, a dict or code to a client.

`settings` is the table of all there are, and `kinds` what a value can be; `variables` and `yaml_file` read texts, `reading` makes settings of
them, and `binding` compares these with a schema; `places` says where a setting stands. Another layer adds its section in `settings`, and nowhere else.
"""
