import type { Secrets } from '../telemetry/secrets';
import { type CallbackContext, type Notes, notesIn } from './callback-context';
import type { Model } from './progress';

/**
 * The steps of an operation, over all its invocations.
 *
 * @typeParam N What the type notes.
 */
export class Steps<N extends Notes = Notes> {
  #context: CallbackContext;
  #model: Model | undefined;
  readonly #secrets: Pick<Secrets, 'redact'>;
  readonly #onIdentify: (model: Model) => void;

  /**
   * @param secrets What no note may contain.
   * @param onIdentify Gets the model that the resource is identified by.
   */
  constructor(
    context: CallbackContext,
    secrets: Pick<Secrets, 'redact'>,
    onIdentify: (model: Model) => void,
  ) {
    this.#context = context;
    this.#secrets = secrets;
    this.#onIdentify = onIdentify;
  }

  /** The context for the next invocation, if there is one. */
  get context(): CallbackContext {
    return this.#context;
  }

  /** The model that this invocation has identified the resource by. */
  get model(): Model | undefined {
    return this.#model;
  }

  /** Whether this invocation or one before it has identified the resource. */
  get isIdentified(): boolean {
    return this.#context.checked;
  }

  /** Whether this invocation or one before it has made the change. */
  get isWritten(): boolean {
    return this.#context.written;
  }

  /** What the type has noted so far. Another version of the type can have written it. */
  get notes(): Partial<N> {
    return (this.#context.notes ?? {}) as Partial<N>;
  }

  /**
   * Records which resource the operation is about; from here on, each event has this model. In a create, call it when
   * the resource is this operation's own: when it is known that it does not exist yet, or, if the service assigns the
   * identifier, when it is made. CloudFormation deletes in a rollback what it has the identifier of.
   *
   * @param model With the primary identifier, and every property that the next invocation needs.
   * @throws HandlerError if the type cannot parse the identifier.
   */
  identify(model: Model): void {
    this.#onIdentify(model);
    this.#model = model;
    this.#complete({ checked: true });
  }

  /** Records that the change is accepted: the next invocation does not repeat it. */
  markWritten(): void {
    this.#complete({ written: true });
  }

  /**
   * Adds notes for the next invocation. The runtime's own waits keep them; an operation that CloudFormation repeats from
   * the original request has none.
   *
   * @throws Error for more than 16 notes, a text of more than 256 characters, or a secret.
   */
  note(added: Partial<N>): void {
    const notes = notesIn(new Map(Object.entries({ ...this.#context.notes, ...added })));
    if (Object.values(notes ?? {}).some((value) => this.#secrets.redact(String(value)) !== String(value))) {
      throw new Error('A note contains a secret.');
    }
    this.#context = { ...this.#context, ...(notes && { notes }) };
  }

  /** Throttling and failures are counted from the last step. */
  #complete(step: Partial<CallbackContext>): void {
    this.#context = { ...this.#context, ...step, throttles: 0, failures: 0 };
  }
}
