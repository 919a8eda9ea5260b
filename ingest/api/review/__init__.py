"""The review page: what was cleaned, for people, and their word on it.  Made here, without a script in the browser."""
