/** `npm run doctor`: which container instances have a trunk and, where there is none, why. */
import { runCommand } from './command-line/command';
import { DOCTOR } from './doctor/options';
import { runDoctor } from './doctor/run';

void runCommand(DOCTOR, ({ values }) => runDoctor(values, process));
