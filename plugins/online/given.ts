import { isNothing } from 'sluice/plugin'

/** The field, unless its value is empty. */
export const given = <Value extends string | number | readonly unknown[]>(
  name: string,
  value: Value | null | undefined,
): Readonly<Record<string, Value>> =>
  value === null || value === undefined || isNothing(value) ? {} : { [name]: value }
