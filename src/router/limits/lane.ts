import type { ProviderConfig } from '../../config.ts'
import { GatewayError } from '../../errors.ts'
import { Budget } from './budget.ts'
import type { Clock } from './clock.ts'
import { Departures } from './departures.ts'
import type { Keys, ProviderKey } from '../health/keys.ts'
import type { Standing } from './patience.ts'
import { Queue } from './queue.ts'

/** Who wants to be served. */
export interface Visit {
  /** Whose turn it is where several wait; asked once, and only then. */
  readonly caller: () => string
  readonly model: string
  /** Tokens that it will probably need. */
  readonly tokens: number
  /** Milliseconds that it may wait. */
  readonly patience: number
  readonly signal: AbortSignal
}

/** One of the places of a provider. */
export interface Place {
  readonly key: ProviderKey
  /** Gives it back, with the tokens that were used where they are known; only the first call counts. */
  leave(used?: number): void
}

/** One that waits. */
export interface Waiting {
  /** Rejects with `provider_full` when its time is over, with `client_closed` when it leaves. */
  readonly place: Promise<Place>
  /** Undefined once it waits no more. */
  standing(): Standing | undefined
  leave(): void
}

interface Waiter {
  readonly visit: Visit
  readonly caller: string
  readonly since: number
  readonly until: number
  end(ending: Place | GatewayError): void
}

/** Milliseconds, for want of any knowledge. */
const unknownWait = 1_000

/** The places of one provider and what it may be sent in a minute, and those who wait for it. */
export class Lane {
  readonly #clock: Clock
  readonly #queue = new Queue<Waiter>()
  readonly #budget: Budget
  readonly #departures: Departures
  #provider: ProviderConfig
  #inFlight = 0
  /** When the first of those who wait gives up, or before that. */
  #earliest = Infinity
  #alarm = Infinity
  #callOff = () => {}

  constructor(provider: ProviderConfig, keys: Keys, clock: Clock) {
    this.#provider = provider
    this.#clock = clock
    this.#budget = new Budget(provider, keys, clock.now)
    this.#departures = new Departures(clock.now)
  }

  get idle(): boolean {
    return this.#inFlight === 0 && this.#queue.size === 0
  }

  /** Other limits hold from now on. */
  configure(provider: ProviderConfig): void {
    this.#provider = provider
    this.#budget.configure(provider)
    this.#advance()
  }

  /** Milliseconds until a call of so many tokens could begin, as far as anybody knows; 0 when it could now. */
  room(tokens: number): number {
    if (this.#queue.size === 0 && this.#wait(tokens) === 0) return 0
    return Math.max(1, this.#about(this.#queue.size + 1, tokens) ?? unknownWait)
  }

  /** A place at once, or one in line. Throws `provider_full`. */
  enter(visit: Visit): Place | Waiting {
    const { tokens, patience } = visit
    const { size } = this.#queue
    if (size === 0 && this.#wait(tokens) === 0) return this.#take(tokens)
    if (patience <= 0 || this.#budget.requestsWait(size + 1) > patience) throw this.#full(tokens)
    if (size >= this.#provider.queue)
      throw this.#full(tokens, `${size} calls wait for it already, and no more may.`)
    return this.#join(visit)
  }

  report() {
    const { name, max_concurrent, queue } = this.#provider
    const now = this.#clock.now()
    const { left, ...limits } = this.#budget.report()
    return {
      provider: name,
      in_flight: this.#inFlight,
      max_concurrent,
      limits,
      left,
      queue,
      waiting: this.#queue.all().map(({ visit, caller, since }, at) => {
        const about = this.#about(at + 1, visit.tokens)
        return {
          position: at + 1,
          caller,
          model: visit.model,
          waited_ms: Math.round(now - since),
          ...(about !== undefined && { estimate_ms: Math.round(about) }),
        }
      }),
    }
  }

  #join(visit: Visit): Waiting {
    const { patience, signal, tokens } = visit
    const caller = visit.caller()
    const since = this.#clock.now()
    const { promise, resolve, reject } = Promise.withResolvers<Place>()
    const leave = () => this.#remove(waiter, new GatewayError('client_closed'))
    const waiter: Waiter = {
      visit,
      caller,
      since,
      until: since + patience,
      end(ending) {
        signal.removeEventListener('abort', leave)
        if (ending instanceof GatewayError) reject(ending)
        else resolve(ending)
      },
    }
    this.#queue.join(caller, waiter)
    signal.addEventListener('abort', leave, { once: true })
    this.#earliest = Math.min(this.#earliest, waiter.until)
    this.#advance()
    return {
      place: promise,
      standing: () => {
        const position = this.#queue.position(caller, waiter)
        if (position === 0) return undefined
        const about = this.#about(position, tokens)
        return { position, ...(about !== undefined && { about }) }
      },
      leave,
    }
  }

  #remove(waiter: Waiter, error: GatewayError): void {
    if (!this.#queue.leave(waiter.caller, waiter)) return
    waiter.end(error)
    this.#advance()
  }

  #take(tokens: number): Place {
    const { key, settle } = this.#budget.take(tokens)
    this.#inFlight++
    let left = false
    return {
      key,
      leave: (used) => {
        if (left) return
        left = true
        this.#inFlight--
        this.#departures.add()
        settle(used)
        this.#advance()
      },
    }
  }

  /** Lets in whoever can begin now, in turn, and wakes up again when something can change by itself. */
  #advance(): void {
    let wait = Infinity
    for (let next = this.#queue.first(); next; next = this.#queue.first()) {
      wait = this.#wait(next.visit.tokens)
      if (wait > 0) break
      this.#queue.shift()
      next.end(this.#take(next.visit.tokens))
    }
    if (this.#queue.size === 0) this.#earliest = wait = Infinity
    this.#wake(Math.min(this.#clock.now() + wait, this.#earliest))
  }

  #wake(at: number): void {
    if (at === this.#alarm) return
    this.#callOff()
    this.#alarm = at
    this.#callOff =
      at === Infinity ? () => {} : this.#clock.after(at - this.#clock.now(), () => this.#look())
  }

  #look(): void {
    this.#alarm = Infinity
    const now = this.#clock.now()
    if (now >= this.#earliest) {
      const all = this.#queue.all()
      const until = (first: number, waiter: Waiter) =>
        waiter.until > now ? Math.min(first, waiter.until) : first
      this.#earliest = all.reduce(until, Infinity)
      all.forEach((waiter, at) => {
        if (waiter.until > now) return
        const { tokens, patience } = waiter.visit
        const waited = `The call waited ${patience / 1_000} s for it and was at position ${at + 1} in line.`
        this.#remove(waiter, this.#full(tokens, waited))
      })
    }
    this.#advance()
  }

  /** Milliseconds until one of so many tokens can begin if nobody else does; Infinity while no place is free. */
  #wait(tokens: number): number {
    return this.#inFlight >= this.#provider.max_concurrent ? Infinity : this.#budget.wait(tokens)
  }

  /** Milliseconds until the one at a position begins; undefined while nothing tells. */
  #about(position: number, tokens: number): number | undefined {
    const behind = position - (this.#provider.max_concurrent - this.#inFlight)
    const ahead = this.#budget.aheadWait(position, tokens)
    if (behind <= 0) return ahead
    const places = this.#departures.wait(behind)
    return places === undefined ? undefined : Math.max(places, ahead)
  }

  #full(tokens: number, more?: string): GatewayError {
    const { name, max_concurrent: most } = this.#provider
    const taken = most === 1 ? 'its one place is' : `all of its ${most} places are`
    const cause =
      this.#inFlight >= most
        ? `The provider ${name} is full: ${taken} taken.`
        : (this.#budget.reached(tokens) ?? `Others wait in line for the provider ${name}.`)
    return new GatewayError('provider_full', {
      message: more === undefined ? cause : `${cause} ${more}`,
      provider: name,
      retryAfter: this.room(tokens) / 1_000,
    })
  }
}
