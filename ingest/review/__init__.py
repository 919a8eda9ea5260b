"""What people do with the cleaning beside reading it: look at a page, correct it, teach a site's rules."""
