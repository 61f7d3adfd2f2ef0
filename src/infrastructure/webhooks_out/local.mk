# What the shop is told: secrets and signatures, the guard against inner networks, and the loop of
# payapi-deliver. sender.c uses libcurl's multi interface.
libinfrastructure_a_SOURCES += \
    %D%/answer_text.c %D%/answer_text.h %D%/deliver_loop.c %D%/deliver_loop.h \
    %D%/sender.c %D%/sender.h \
    %D%/endpoint_url.c %D%/endpoint_url.h %D%/inner_networks.c %D%/inner_networks.h \
    %D%/webhook_secrets.c %D%/webhook_secrets.h
