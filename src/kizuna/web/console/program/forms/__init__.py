"""The parts of a draft as forms: from the document to fields and back. Pure.

A form's fields are named by their places in the document, so that what the document's checks say of a place stands under the
field that it came from. What nobody touched stays as it was written, word for word; what a form cannot show is carried along.
"""
