/** The account that everything belongs to. */
export interface AccountIdentity {
  readonly accountId: string;
  readonly partition: 'aws';
}
