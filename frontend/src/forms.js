import { startConditions } from "./conditions.js";
import { startDates } from "./dates.js";

startConditions();
startDates();
