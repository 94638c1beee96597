/** `npm run doctor`: which container instances have a trunk and, where there is none, why. */
import { runCommand } from './command-line/command';
import { DOCTOR } from './doctor/options';
import { runDoctor } from './doctor/run';

/** Nothing was found out: 1 would say that there is something to do. */
const FAILED = 2;

void runCommand(DOCTOR, ({ values }) => runDoctor(values), FAILED);
