"""What lines of text say whatever stands around them: words, dates, names, captions, left-over mark-up."""
