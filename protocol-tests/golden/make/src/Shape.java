/** What a message holds; the first of each message and version is none of these, for it has every default. */
enum Shape {
    /** Every tagged field is set to what is not its default, at every depth; one element in each array, nothing null, small positive numbers. */
    TAGGED,
    /** The same but for the tagged fields, of which each struct has some that no schema has (KIP-482), beside those that it has. */
    UNKNOWN_TAGS,
    /** Whatever may be null is, all else is empty, numbers are the smallest. */
    NULLS,
    /** Nothing is null, strings and arrays are empty, numbers are the largest. */
    EMPTY,
    /** All tagged fields, several elements, numbers at their borders, strings around the length that takes a second byte. */
    BORDERS,
    /** One string, byte string or array is long, of those of its message another at each version and seed. */
    LONG,
    /** Some of everything. */
    MIXED;

    /** Those after the defaults, in the order in which they are made; all further ones are mixed. */
    static Shape of(int index) {
        return values()[Math.min(index, values().length) - 1];
    }

    boolean isCalm() {
        return this == TAGGED || this == UNKNOWN_TAGS || this == LONG;
    }

    String label() {
        return name().toLowerCase().replace('_', ' ');
    }
}
