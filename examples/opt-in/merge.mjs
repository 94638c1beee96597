// node merge.mjs TRUST_POLICY.json STATEMENT.json prints the policy with the statement in it: in place of the one with
// the same Sid, or after the others.
import { readFileSync } from 'node:fs';

const [policy, statement] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
const others = [policy.Statement].flat().filter(({ Sid }) => Sid !== statement.Sid);
console.log(JSON.stringify({ ...policy, Statement: [...others, statement] }, undefined, 2));
