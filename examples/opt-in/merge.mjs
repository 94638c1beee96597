// node merge.mjs TRUST_POLICY.json STATEMENT.json prints the policy with the statement in it: in place of the one with
// the same Sid, or after the others. With --remove as the third argument, it prints the policy without that one.
import { readFileSync } from 'node:fs';

const [policyFile, statementFile, option] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const [policy, statement] = [read(policyFile), read(statementFile)];
const others = [policy.Statement].flat().filter(({ Sid }) => Sid !== statement.Sid);
const Statement = option === '--remove' ? others : [...others, statement];
console.log(JSON.stringify({ ...policy, Statement }, undefined, 2));
