/** What crosses threads, processes and HTTP. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** The only kind of data that codes, events, jobs and resources carry. */
export type JsonObject = { readonly [key: string]: Json };
