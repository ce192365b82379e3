// What makes the console nicer. Every page reads and every form sends without this file; each module is on its own.
import "htmx.org";
import "./console/copy.js";
import "./console/keys.js";
import "./console/notices.js";
import "./console/palette.js";
import "./console/sending.js";
import "./console/typed.js";
import "./console/table.js";
import "./console/program-studio.js";
import "./console/backtests.js";
