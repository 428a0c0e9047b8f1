// A shared object that is no actor module.

extern "C" int something_else() { return 0; }
