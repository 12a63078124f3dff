"""RewrittenProgram -> Bundle -> a build directory. Nothing is imported here: the cache is asked before anything else is loaded."""
