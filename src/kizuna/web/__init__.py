"""The faces: the API, the console, My Page. The only room that serves HTTP."""
