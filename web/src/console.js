// Search while typing in the console. Every page works without this file.
import "htmx.org";
