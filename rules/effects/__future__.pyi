"""Changes of the language: they are for the compiler."""

nested_scopes: Pure
generators: Pure
division: Pure
absolute_import: Pure
with_statement: Pure
print_function: Pure
unicode_literals: Pure
barry_as_FLUFL: Pure
generator_stop: Pure
annotations: Pure
