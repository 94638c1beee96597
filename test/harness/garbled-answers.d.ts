import type { Fault } from 'local-account';
export declare const WEB_PAGE: Fault;
export declare const HALF: Fault;
export declare const EMPTY: Fault;
/** Well-formed, with none of the members of any answer. */
export declare const OTHER_MEMBERS: Fault;
