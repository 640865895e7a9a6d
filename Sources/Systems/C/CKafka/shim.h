#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/eventfd.h>

// <sys/eventfd.h> is not part of Swift's Glibc module.
static inline int strongroom_kafka_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

// rd_kafka_producev is variadic. The message is copied; `headers` become the library's when this returns no error.
static inline rd_kafka_resp_err_t strongroom_kafka_produce(
    rd_kafka_t *client, const char *topic, const void *key, size_t key_count, const void *value, size_t value_count,
    rd_kafka_headers_t *headers, void *opaque) {
    return rd_kafka_producev(
        client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_count),
        RD_KAFKA_V_VALUE((void *)value, value_count), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}
