"""One module a command; each is the library function of the same name, with its form for collections beside it."""
