"""Which pipeline cleaned a dump."""

# Part of a stored result's identity: dumps cleaned by another version are cleaned again.  Raised with every
# change that gives a dump another result.
VERSION = "7"
