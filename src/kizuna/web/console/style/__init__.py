"""The living style page: every part of the design system as it is, in the theme and language of the reader."""
