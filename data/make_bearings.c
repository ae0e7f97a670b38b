/* Makes data/bearings/bearing-00.npy … bearing-47.npy: see data/README.md for the equation.
 *
 *     cc -std=c17 -O1 data/make_bearings.c -o /tmp/make_bearings && /tmp/make_bearings data/bearings
 *
 * Everything is made of +, −, × on doubles, and rounded to the steps of a 16-bit recorder at the end, so that every
 * machine writes the same bytes. */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    BEARINGS = 48,
    SAMPLES = 3072,
    HEADER = 128
};
#define RATE 12000.0       /* samples a second */
#define STEP (1.0 / 2048)  /* g: ±16 g in 16 bits */
#define RESONANCE 3400.0   /* Hz: how the housing rings when it is hit */
#define RING_DOWN 0.920044 /* per sample: e^(-1/12), a decay time of 1 ms */

enum fault {
    HEALTHY,
    OUTER_RACE,
    INNER_RACE
};

/* Impulses per turn of the shaft, of a bearing with nine balls. */
static const double impulses_per_turn[] = {[HEALTHY] = 0, [OUTER_RACE] = 3.585, [INNER_RACE] = 5.415};

static const struct {
    int bearing;
    enum fault fault;
    double amplitude; /* g */
} faulty[] = {
    {7, OUTER_RACE, 5.2}, {13, INNER_RACE, 6.8}, {22, OUTER_RACE, 3.1}, {34, INNER_RACE, 4.6}, {41, OUTER_RACE, 7.9},
};

/* A 64-bit random number from its position alone: the splitmix64 finalizer of Steele, Lea and Flood (2014). */
static uint64_t random_bits(uint64_t stream, uint64_t counter)
{
    uint64_t z = (stream << 32) + (counter + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* In [0, 1). */
static double uniform(uint64_t stream, uint64_t counter)
{
    return (double)(random_bits(stream, counter) >> 11) * (1.0 / 9007199254740992.0);
}

/* Nearly normal, mean 0, deviation 1: the sum of twelve uniform numbers of 16 bits, less its mean. */
static double normal(uint64_t stream, uint64_t counter)
{
    int64_t sum = 0;
    for (uint64_t k = 0; k < 3; k++) {
        uint64_t r = random_bits(stream, 3 * counter + k);
        sum += (int64_t)((r & 0xffff) + (r >> 16 & 0xffff) + (r >> 32 & 0xffff) + (r >> 48));
    }
    return (double)(sum - 6 * 65535) * (1.0 / 65536);
}

/* sin(2π·turns), turns ≥ 0, by the Taylor series on a quarter turn. */
static double sine(double turns)
{
    double t = turns - (double)(int64_t)turns; /* [0, 1) */
    double sign = 1;
    if (t >= 0.5) {
        t -= 0.5;
        sign = -1;
    }
    if (t > 0.25)
        t = 0.5 - t;
    double x = t * 6.283185307179586, square = x * x, term = x, sum = x;
    for (int k = 1; k <= 10; k++) {
        term *= -square / (2.0 * k * (2.0 * k + 1));
        sum += term;
    }
    return sign * sum;
}

/* The ringing of the housing after each passage of a ball over the defect. */
static void add_impulses(int bearing, enum fault fault, double amplitude, double shaft, double *x)
{
    uint64_t stream = 1000 + (uint64_t)bearing;
    double per_sample = impulses_per_turn[fault] * shaft / RATE, phase = uniform(stream, 0);
    double strength = 0, age = 0;
    uint64_t hit = 1;
    for (int i = 0; i < SAMPLES; i++) {
        phase += per_sample;
        if (phase >= 1) {
            phase -= 1;
            strength = amplitude * (0.8 + 0.4 * uniform(stream, hit++));
            /* A defect of the inner race turns with the shaft, into the loaded zone and out of it. */
            if (fault == INNER_RACE)
                strength *= 0.6 + 0.4 * sine(i * shaft / RATE);
            age = 0;
        }
        x[i] += strength * sine(age * RESONANCE / RATE);
        strength *= RING_DOWN;
        age += 1;
    }
}

static void make_recording(int bearing, float *out)
{
    static double x[SAMPLES];
    uint64_t stream = (uint64_t)bearing;
    double shaft = 29.0 + uniform(stream, 0); /* Hz: about 1770 turns a minute */
    double level = 0.8 + 0.4 * uniform(stream, 1), start = uniform(stream, 2);
    for (int i = 0; i < SAMPLES; i++) {
        double turns = start + i * shaft / RATE;
        x[i] = level * (0.22 * sine(turns) + 0.09 * sine(2 * turns) + 0.05 * sine(3 * turns)) +
               0.15 * normal(stream, 100 + (uint64_t)i);
    }
    for (size_t k = 0; k < sizeof faulty / sizeof faulty[0]; k++)
        if (faulty[k].bearing == bearing)
            add_impulses(bearing, faulty[k].fault, faulty[k].amplitude, shaft, x);
    for (int i = 0; i < SAMPLES; i++) {
        double steps = x[i] / STEP;
        out[i] = (float)((double)(int64_t)(steps + (steps < 0 ? -0.5 : 0.5)) * STEP);
    }
}

/* .npy 1.0: magic, version, header length, a Python dict padded to HEADER bytes, then the values, little-endian. */
static int write_npy(const char *path, const float *x)
{
    unsigned char bytes[HEADER + 4 * SAMPLES];
    memset(bytes, ' ', HEADER);
    memcpy(bytes, "\x93NUMPY\x01\x00", 8);
    bytes[8] = HEADER - 10;
    bytes[9] = 0;
    int n = snprintf((char *)bytes + 10, HEADER - 10, "{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }",
                     SAMPLES);
    bytes[10 + n] = ' ';
    bytes[HEADER - 1] = '\n';
    for (int i = 0; i < SAMPLES; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], 4);
        for (int b = 0; b < 4; b++)
            bytes[HEADER + 4 * i + b] = (unsigned char)(bits >> 8 * b);
    }
    FILE *file = fopen(path, "wb");
    if (!file)
        return 0;
    size_t written = fwrite(bytes, 1, sizeof bytes, file);
    return fclose(file) == 0 && written == sizeof bytes;
}

int main(int argc, char **argv)
{
    static float x[SAMPLES];
    char path[4096];
    if (argc != 2) {
        fprintf(stderr, "usage: make_bearings DIRECTORY\n");
        return 2;
    }
    for (int bearing = 0; bearing < BEARINGS; bearing++) {
        int n = snprintf(path, sizeof path, "%s/bearing-%02d.npy", argv[1], bearing);
        make_recording(bearing, x);
        if (n < 0 || (size_t)n >= sizeof path || !write_npy(path, x)) {
            perror(path);
            return 1;
        }
    }
    return 0;
}
