import { startInbox } from "./inbox.js";
import { startKeys } from "./keys.js";
import { startPage } from "./page.js";

startPage();
startKeys(startInbox());
